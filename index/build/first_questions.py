"""The questions that an archive opens with, one a line."""

from index.build.lists import ArchiveList
from index.readers.walk import QUESTIONS_FILE

FIRST_QUESTIONS = ArchiveList("questions.txt", shipped=QUESTIONS_FILE)
MOST_QUESTIONS = 50
LONGEST = 200
