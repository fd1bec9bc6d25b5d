"""What becomes of an archive, also of one that was made to do harm."""

import gzip
import io
import os
import struct
import tarfile
import zipfile

import pytest

from grader.intake import limits
from tests.intake.handed_in import WORK, imported, load, notebook, refusal, tarred, write, zipped


def entry(name, **fields):
    info = tarfile.TarInfo(name)
    for field, value in fields.items():
        setattr(info, field, value)
    return info


def packed(path, files):
    """Pack files as a zip or a tar archive, as the path's name says."""
    if path.suffix == ".zip":
        return zipped(path, files)
    return tarred(path, [(entry(name), content.encode()) for name, content in files.items()])


kinds = pytest.mark.parametrize("name", ["ada.zip", "ada.tar.gz", "ada.tgz"])


# ---- what is read ----------------------------------------------------------------------------------------------


@kinds
@pytest.mark.parametrize("top", ["", "./", "ada/", "project/src/", "作业 1/"])
def test_an_archive_is_read_as_the_folder_that_was_packed(tmp_path, name, top):
    files = {"tiny.py": "import two\ndef double(x): return two.two * x", "two.py": "two = 2", ".hidden": "x"}
    left = {"__MACOSX/._tiny.py": "x", ".DS_Store": "x", "__pycache__/tiny.pyc": "x"}
    path = packed(tmp_path / name, {f"{top}{file}": content for file, content in files.items()} | left)
    loaded = load(path)
    assert loaded.notes == ()
    assert imported(loaded, tmp_path / "root", "student.double(2)")[0] == 4
    assert sorted(tmp_path.iterdir()) == [path, tmp_path / "root"]


@pytest.mark.parametrize("name", ["ada.ZIP", "我的 作业 (1).zip"])
def test_an_archive_may_be_called_anything(tmp_path, name):
    assert load(zipped(tmp_path / name, {"tiny.py": WORK})).files == {"tiny.py": WORK.encode()}


def test_a_notebook_in_an_archive_is_read(tmp_path):
    loaded = load(zipped(tmp_path / "ada.zip", {"hw/tiny.ipynb": notebook(WORK, "1 / 0")}))
    assert imported(loaded, tmp_path / "root", "student.double(2)")[1][0].startswith("cell 2 raised ZeroDivisionError")


def test_an_archive_in_an_archive_is_not_opened(tmp_path):
    inner = zipped(tmp_path / "inner.zip", {"tiny.py": WORK}).read_bytes()
    assert refusal(zipped(tmp_path / "ada.zip", {"inner.zip": inner})).startswith("ada.zip holds no tiny.py")


def test_names_of_windows_are_read(tmp_path):
    loaded = load(zipped(tmp_path / "ada.zip", {"hw\\tiny.py": WORK, "hw\\data\\x.txt": "1"}))
    assert loaded.files.keys() == {"tiny.py", "data/x.txt", "hw/data/x.txt"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_names_without_a_flag_for_their_encoding_are_read(tmp_path, encoding):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK, "PLACE.txt": "1"})
    name = "数据".encode(encoding)[:5].ljust(5, b"_")
    path.write_bytes(path.read_bytes().replace(b"PLACE", name))
    assert f"{name.decode(encoding, 'replace')}.txt" in load(path).files or encoding == "utf-8"


def test_large_data_is_left_behind_with_a_note(tmp_path):
    loaded = load(zipped(tmp_path / "ada.zip", {"tiny.py": WORK, "weights.pt": b"0" * (limits.DATA + 1)}))
    assert loaded.notes == ("what has more than 1 MB was left behind: weights.pt",)


# ---- what is refused -------------------------------------------------------------------------------------------


@kinds
@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        ("../evil.py", "holds '../evil.py', which is a path that leads out of the archive: pack it again"),
        ("a/../../evil.py", "holds 'a/../../evil.py', which is a path that leads out of the archive"),
        ("a\\..\\..\\evil.py", "which is a path that leads out of the archive"),
        ("/etc/cron.d/evil", "holds '/etc/cron.d/evil', which is an absolute path: pack the folder"),
        ("C:\\evil.py", "which is an absolute path"),
        ("C:evil.py", "which is an absolute path"),
        (".hidden/../../evil.py", "which is a path that leads out of the archive"),
        ("a\nb.py", "holds 'a b.py', which is a name with control characters: rename the file"),
        ("x" * 300, "which is a name that is too long"),
        ("a/" * 40 + "x", "which is a name that is too long"),
    ],
)
def test_a_member_that_leads_out_is_refused(tmp_path, name, member, sentence):
    said = refusal(packed(tmp_path / name, {"tiny.py": WORK, member: "x"}))
    assert said.startswith(f"{name} holds '")
    assert sentence in said
    assert "\n" not in said


@kinds
def test_nothing_is_written_by_reading(tmp_path, name):
    inside = tmp_path / "inside"
    inside.mkdir()
    refusal(packed(inside / name, {"tiny.py": WORK, "../evil.py": "x"}))
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", name]


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_link_in_a_tar_archive_is_refused(tmp_path, kind):
    path = tarred(
        tmp_path / "ada.tgz", [(entry("tiny.py"), WORK.encode()), (entry("x", type=kind, linkname="/etc/passwd"), b"")]
    )
    assert refusal(path) == "ada.tgz holds 'x', which is a link: pack the file that it leads to"


@pytest.mark.parametrize("kind", [tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_a_special_file_in_a_tar_archive_is_refused(tmp_path, kind):
    path = tarred(tmp_path / "ada.tgz", [(entry("dev/x", type=kind, devmajor=1, devminor=3), b"")])
    assert refusal(path) == "ada.tgz holds 'dev/x', which is neither a file nor a folder: pack only ordinary files"


@pytest.mark.parametrize(
    ("mode", "sentence"), [(0o120777, "a link"), (0o010644, "neither a file"), (0o060644, "neither")]
)
def test_a_link_or_a_special_file_in_a_zip_archive_is_refused(tmp_path, mode, sentence):
    with zipfile.ZipFile(tmp_path / "ada.zip", "w") as archive:
        info = zipfile.ZipInfo("x.py")
        info.external_attr = mode << 16
        archive.writestr(info, "/etc/passwd")
    assert refusal(tmp_path / "ada.zip").startswith(f"ada.zip holds 'x.py', which is {sentence}")


@kinds
def test_ten_thousand_files_are_refused(tmp_path, name):
    said = refusal(packed(tmp_path / name, {f"{number}.txt": "" for number in range(10_000)}))
    assert said == f"{name} holds more than 2000 files: hand in only your own"


@kinds
def test_many_files_that_nobody_wrote_are_refused_at_last(tmp_path, name, monkeypatch):
    monkeypatch.setattr(limits, "ENTRIES", 10)
    said = refusal(packed(tmp_path / name, {f".git/{number}": "" for number in range(11)}))
    assert said == f"{name} holds more than 2000 files: hand in only your own"


def test_a_zip_of_a_million_files_is_refused_before_its_directory_is_read(tmp_path, monkeypatch):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})
    data = bytearray(path.read_bytes())
    struct.pack_into("<L", data, len(data) - 10, 46 * 1_000_000)
    path.write_bytes(data)
    monkeypatch.setattr(zipfile, "ZipFile", lambda _: pytest.fail("it was opened"))
    assert refusal(path) == "ada.zip holds more than 2000 files: hand in only your own"


def test_a_zip_with_a_comment_is_read(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"from ada"
    assert load(path).entry == "tiny.py"


def test_the_format_for_archives_over_4_gb_is_refused(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})
    data = path.read_bytes()
    path.write_bytes(data[:-22] + b"PK\6\7" + bytes(16) + data[-22:])
    assert refusal(path) == "ada.zip is in the format for archives over 4 GB: pack only your own files"


def test_a_zip_bomb_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "UNPACKED", 1 << 20)
    path = zipped(tmp_path / "ada.zip", {"a.txt": bytes(1 << 19), "b.txt": bytes(1 << 20)})
    assert path.stat().st_size < 10_000
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: io.BytesIO(b""))
    assert refusal(path) == "ada.zip unpacks to more than 1 MB: hand in only your own files"


def test_a_zip_that_says_a_smaller_size_than_it_has_is_damaged(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": b"x = 1\n" + b"#" * 5_000_000})
    path.write_bytes(path.read_bytes().replace(struct.pack("<L", 5_000_006), struct.pack("<L", 6)))
    assert refusal(path) == "ada.zip is not a zip archive, or is damaged: pack it again"


def test_a_tar_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "ada.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(entry("big.bin", size=8 << 30).tobuf(tarfile.GNU_FORMAT))
        for _ in range(320):
            file.write(bytes(1 << 20))
    assert refusal(path) == "ada.tar.gz unpacks to more than 300 MB: hand in only your own files"


def test_a_header_that_is_a_bomb_is_not_read_into_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "UNPACKED", 1 << 20)
    path = tmp_path / "ada.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(entry("x", size=8 << 30, type=tarfile.XHDTYPE).tobuf(tarfile.GNU_FORMAT))
        file.write(bytes(8 << 20))
    assert refusal(path) == "ada.tar.gz unpacks to more than 1 MB: hand in only your own files"


def test_an_encrypted_archive_is_refused(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    assert refusal(path) == "ada.zip is encrypted: pack it again without a password"


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_unusual_compression_is_refused(tmp_path, method):
    with zipfile.ZipFile(tmp_path / "ada.zip", "w", method) as archive:
        archive.writestr("tiny.py", WORK)
    said = refusal(tmp_path / "ada.zip")
    assert said == "ada.zip is compressed in a way that is not read: make an ordinary zip archive"


@pytest.mark.parametrize("name", ["ada.zip", "ada.tgz"])
@pytest.mark.parametrize(
    "content", [b"", b"x" * 1000, b"PK\3\4" + bytes(100), b"\x1f\x8b\x08" + bytes(100), b"Rar!\x1a"]
)
def test_what_is_no_archive_is_refused(tmp_path, name, content):
    what = "a zip archive" if name == "ada.zip" else "a tar archive compressed with gzip"
    assert refusal(write(tmp_path / name, content)) == f"{name} is not {what}, or is damaged: pack it again"


@kinds
def test_an_archive_that_was_cut_off_is_damaged(tmp_path, name):
    path = packed(tmp_path / name, {"tiny.py": WORK + "".join(f"x{i} = {i}\n" for i in range(5000))})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "is damaged: pack it again" in refusal(path)


def test_a_zip_of_which_a_byte_was_changed_is_damaged(tmp_path):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK * 100})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    assert "is damaged: pack it again" in refusal(path)


@kinds
def test_an_empty_archive_is_nothing_handed_in(tmp_path, name):
    said = refusal(packed(tmp_path / name, {}))
    assert said == f"nothing was handed in: {name} is empty, and tiny.py or tiny.ipynb was asked for"


def test_two_members_of_one_name_are_refused(tmp_path):
    path = tarred(tmp_path / "ada.tgz", [(entry("tiny.py"), WORK.encode()), (entry("./tiny.py"), b"")])
    assert refusal(path) == "ada.tgz holds two files called tiny.py: pack it again"


@kinds
def test_a_file_that_is_also_a_folder_is_refused(tmp_path, name):
    said = refusal(packed(tmp_path / name, {"tiny.py": WORK, "a": "x", "a/b": "x"}))
    assert said == f"{name} holds 'a', which is both a file and a folder: pack it again"


def test_an_archive_of_a_gigabyte_is_not_read(tmp_path):
    with (tmp_path / "ada.zip").open("wb") as file:
        file.truncate(1 << 30)
    assert refusal(tmp_path / "ada.zip") == "ada.zip has 1 GB, and at most 200 MB are read: make it smaller"


def test_an_archive_that_is_a_link_or_a_pipe_is_refused(tmp_path):
    (tmp_path / "ada.zip").symlink_to(zipped(tmp_path / "b.zip", {"tiny.py": WORK}))
    os.mkfifo(tmp_path / "ben.tgz")
    assert refusal(tmp_path / "ada.zip") == "ada.zip is a link, which is not followed: hand in the file itself"
    assert refusal(tmp_path / "ben.tgz") == "ben.tgz is a pipe and not a file: hand in an ordinary file"


def test_an_archive_that_may_not_be_read_gets_a_sentence(tmp_path, monkeypatch):
    path = zipped(tmp_path / "ada.zip", {"tiny.py": WORK})

    def refuse(*_):
        raise PermissionError(13, "no")

    monkeypatch.setattr("grader.intake.tree.os.open", refuse)
    assert refusal(path) == "ada.zip may not be read by the grader: change its permissions"


def test_what_is_wrong_with_the_module_in_an_archive_is_said(tmp_path):
    assert refusal(zipped(tmp_path / "ada.zip", {"hw/tiny.py": "def f(:"})).startswith("hw/tiny.py has a syntax error")
