"""An answer in the forms that the faces show."""
