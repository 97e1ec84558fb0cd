"""WHAT IS NO CHAT, in the vendors' shapes: embeddings, moderations, images, sound, ranking, files, batches.

Rule: the same request gets the same answer, and every body is written out.
"""
