"""The HTML and HTTP toolkit: frame, components, forms, envelopes, headers. It knows no feature."""
