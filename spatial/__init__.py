"""Lazy surface."""
