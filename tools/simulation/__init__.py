"""Made-up dossiers that live like real ones: a province's year, and the quarter of Sơn La."""
