"""Cut the paragraphs of a question set into sentences, so that the sentence is what is found."""

from __future__ import annotations

from dataclasses import replace

from eval.fitting.read import Candidate, RetrievalQuestion, RetrievalTask
from rag.sentences import Span, split_sentences


def cut_paragraphs(task: RetrievalTask) -> RetrievalTask:
    """Return the task with sentences as candidates, cut as documents are.

    The right one is that in which the first answer starts; questions whose answer is not in their
    paragraph word for word are left out.

    Args:
        task: With whole documents as candidates, and answers.
    """
    spans = {document.id: split_sentences(document.text) for document in task.documents}
    texts = {document.id: document.text for document in task.documents}
    questions = []
    for question in task.questions:
        document = min(question.relevant)
        gold = _find_gold(texts[document], spans[document], question.answers)
        if gold is not None:
            relevant = frozenset({_name(document, gold)})
            questions.append(
                RetrievalQuestion(question.id, question.text, relevant, question.answers)
            )
    candidates = tuple(
        Candidate(_name(document, span), document, *span)
        for document, found in spans.items()
        for span in found
    )
    return replace(task, candidates=candidates, questions=tuple(questions), unit="sentence")


def _find_gold(text: str, spans: list[Span], answers: tuple[str, ...]) -> Span | None:
    place = text.find(answers[0]) if answers else -1
    return next((span for span in spans if span[0] <= place < span[1]), None)


def _name(document: str, span: Span) -> str:
    return f"{document}:{span[0]}-{span[1]}"
