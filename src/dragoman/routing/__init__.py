"""WHO IS ASKED: a model name -> the targets to try, in order. Pure: the clock is an argument, the configuration a Snapshot.

resolve   a name -> a rule and its candidates (requirement D8)
plan      candidates -> targets for one call, the ill ones last
health    outcomes in, cooldowns out
policy    what moves on to the next target, and which failure a client is told (requirement D9)
models    every name that resolves (requirement D18)

Rule: nothing here waits, sends or remembers; only `health.Health` keeps state, and its owner hands it the time.
"""
