"""Documents of office programs and of printing: PDF, DOCX, ODT, EPUB."""
