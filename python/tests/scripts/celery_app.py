"""A task queue on files, whose worker processes connect when they begin."""

import os

import celery.signals

import switchwire

host, port, password = os.environ["FREESWITCH"].split(" ")
folder = os.environ["FOLDER"]
app = celery.Celery("celery_app", broker="filesystem://", backend=f"file://{folder}")
app.conf.broker_transport_options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder}
before = switchwire.connect(host, int(port), password)
own = None


@celery.signals.worker_process_init.connect
def connect(**_: object) -> None:
    global own
    own = switchwire.connect(host, int(port), password)


@app.task
def ask(text: str) -> str:
    try:
        before.api("status")
    except switchwire.ForkedError as error:
        refused = type(error).__name__
    return f"{own.api('eval', text)} {refused}"
