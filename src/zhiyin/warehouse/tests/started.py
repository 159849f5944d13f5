"""Imported first by the process that children are forked from: test modules may name models."""

import django

django.setup()
