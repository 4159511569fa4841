"""PRESENT: a chat page for any function from question to `Answer`.

serve.py     the HTTP server: puts the pages together, a graceful stop
guard.py     before every request: names, routes, sizes, headers
features.py, protocols.py   what a server offers, and what it needs from behind
chat.py      the chat in Gradio; the only place that imports gradio
turns.py     what a question sets off, step by step
render.py    Answer -> HTML, with cards.py for the quotes and escape.py for all text from outside
pages.py     the frame of the plain pages beside the chat; reports.py lists evaluation reports
documents/   the page that lists documents, takes more in by drop and button, and removes them
words.py     what is said around answers, in English and Chinese
style/, chat.js, icon.svg   their look, and the few gestures of the chat
"""
