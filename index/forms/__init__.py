"""What a text says beside its story: the forms of its words, what it teaches, what it corrects."""
