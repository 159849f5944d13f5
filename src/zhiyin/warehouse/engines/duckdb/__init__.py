"""DuckDB: one file a workspace, attached in one instance."""
