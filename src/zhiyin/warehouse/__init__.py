"""The experience log: tables, append, execute, builds, the client and the server. Nobody outside knows which engine it is."""
