"""What Alembic calls: it runs the revisions on the connection it was given, or writes them as SQL."""

from alembic import context


def _run() -> None:
    if context.is_offline_mode():
        context.configure(url="sqlite://", literal_binds=True, transactional_ddl=False)
    else:
        connection = context.config.attributes["connection"]
        context.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


_run()
