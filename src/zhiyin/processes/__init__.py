"""The processes of `zhiyin serve`: a supervisor over log, web and jobs."""
