"""Figures for leads, as flat tables: how far, how fast, how well."""
