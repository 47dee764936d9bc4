"""The lists the SAT publishes: article 69-B."""
