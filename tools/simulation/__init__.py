"""Makes up dossiers that live like real ones: a province's year, a country, Sơn La's quarter."""
