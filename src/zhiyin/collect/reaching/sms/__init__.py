"""SMS through a provider: signature and template are registered there, as the law asks."""
