"""The workspace's database: SQLite tables, and functions that read and write their rows."""
