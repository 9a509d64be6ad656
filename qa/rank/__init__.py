"""Ranking: features of passages, fitted weights, priors from time, reranking."""
