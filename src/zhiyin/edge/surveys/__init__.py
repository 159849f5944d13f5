"""The page that customers see: a published survey, and what is answered to it."""
