"""A report as a page, as Markdown, and the charts in both."""
