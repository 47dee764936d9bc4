"""JSON of accounts, in and out. Names and texts of /auth and /users are a public contract."""
