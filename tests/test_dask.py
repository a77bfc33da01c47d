"""Corpus runs on a real Dask cluster of several processes, some of which die."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from quotes import corpus_run
from quotes.workers import WorkersError
from tests.test_corpus_run import FakeMaker, files, ids, rows, run, texts, write_corpus

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's own code


@pytest.fixture(autouse=True)
def _fake(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("scratch").mkdir()
    monkeypatch.setattr(corpus_run._Run, "_maker", lambda self: FakeMaker(str(tmp_path / "scratch")))


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as cluster:
        yield cluster


def test_a_cluster_gives_the_same_bytes_though_a_worker_is_killed(cluster):
    write_corpus([text + ("FAIL" if n == 7 else "SLOW") for n, text in enumerate(texts(100))])
    run("here")
    killed = []

    def kill():
        time.sleep(0.7)
        nanny = next(iter(cluster.workers.values()))
        killed.append(nanny.pid)
        os.kill(nanny.pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    assert run("there", scheduler=cluster.scheduler_address) == 1
    thread.join()
    assert killed
    assert files("here") == files("there")


def test_an_article_that_kills_every_worker_fails_alone(cluster):
    write_corpus([text + ("KILL" if n == 5 else "SLOW") for n, text in enumerate(texts(20))])
    assert run(scheduler=cluster.scheduler_address) == 1
    assert ids() == [f"a{n}" for n in range(20) if n != 5]
    assert rows("failures.jsonl")[0]["reason"] == "killed the worker"


def test_a_scheduler_that_is_not_there_is_told():
    write_corpus(texts(3))
    with pytest.raises(WorkersError, match="no Dask scheduler with workers answers there"):
        run(scheduler="tcp://127.0.0.1:9")
