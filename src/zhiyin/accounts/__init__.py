"""Workspaces, people and their roles, access and the audit trail."""
