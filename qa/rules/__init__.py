"""What the rules of the house say of questions: what answers them, and what never does."""
