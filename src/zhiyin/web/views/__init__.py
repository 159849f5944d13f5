"""Views: check access, read what is asked, ask one function, render."""
