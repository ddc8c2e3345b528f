"""The XLSX paper: documents as spreadsheets."""
