"""The rules of the house, `footnote.yaml`: what is taken in, how it is shown, what may answer."""
