"""The promises of the product, each shown to hold."""
