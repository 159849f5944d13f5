"""The survey page as HTML: what the log process serves to customers and the builder previews."""
