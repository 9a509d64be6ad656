"""Candidates in order: features of passages, fitted weights, what time adds, reranking."""
