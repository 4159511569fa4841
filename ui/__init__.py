"""PRESENT: a chat page for any function from question to `Answer`.

words.py     what the page says, in English and Chinese
render.py    Answer -> HTML, with cards.py for the quotes and escape.py for all text from outside
chat.py      the Gradio app; the only place that imports gradio
serve.py     the HTTP server around it: limits, headers, health, a graceful stop
chat.css, chat.js, icon.svg   its look and its few gestures
"""
