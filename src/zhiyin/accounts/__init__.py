"""Workspaces, people, roles, access, audit."""
