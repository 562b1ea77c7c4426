"""Widgets that only draw: attributes down, messages up."""
