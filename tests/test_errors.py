import pytest

from index.errors import BuildError, finish


def raising(error: BaseException) -> int:
    raise error


def test_a_command_that_ends_well_gives_its_own_code() -> None:
    assert finish(lambda: 0) == 0
    assert finish(lambda: 1) == 1


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (BuildError("nothing to read"), "error: nothing to read\n"),
        (
            FileNotFoundError(2, "No such file or directory", "gone.jsonl"),
            "error: 'gone.jsonl': no such file or directory: check the path\n",
        ),
        (
            FileNotFoundError(2, "No usable temporary directory found in ['/Tmp', '/']"),
            "error: no usable temporary directory found in ['/Tmp', '/']: check that the disk has "
            "space and that its folder may be written\n",
        ),
        (
            OSError(28, "No space left on device"),
            "error: no space left on device: check that the disk has space and that its folder "
            "may be written\n",
        ),
        (
            OSError(30, "Read-only file system", "/data/a.bin"),
            "error: '/data/a.bin': read-only file system: check that the disk has space and that "
            "its folder may be written\n",
        ),
        (OSError("a.gz is damaged as gzip"), "error: a.gz is damaged as gzip\n"),
    ],
)
def test_a_fault_is_one_line_on_standard_error(
    error: Exception, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert finish(lambda: raising(error)) == 1
    assert capsys.readouterr() == ("", line)


def test_what_a_terminal_would_obey_is_shown_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(lambda: raising(BuildError("a\x1b[31m\nb\u202e.txt is no text"))) == 1
    assert capsys.readouterr().err == "error: a\\x1b[31m\\nb\\u202e.txt is no text\n"


def test_ctrl_c_is_told_in_the_words_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert finish(lambda: raising(KeyboardInterrupt()), "stopped here") == 130
    assert capsys.readouterr().err == "stopped here\n"


def test_a_fault_of_our_own_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        finish(lambda: raising(KeyError("a bug")))
