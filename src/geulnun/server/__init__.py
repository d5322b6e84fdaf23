"""The server: an HTTP interface to the readers, with a page for people. `geulnun.server.app.create_app` makes it."""
