"""The experience log: tables, append, execute, builds, the client and the server.

Nobody outside this room knows which engine holds it.
"""
