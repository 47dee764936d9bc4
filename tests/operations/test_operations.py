"""How an operator sees the house: health, failed jobs and their retry, the bell, letters, the audit."""

from __future__ import annotations

from sqlalchemy import text

from acuse.kernel.audit import SYSTEM
from acuse.kernel.jobs import JobState
from acuse.notices import NoticeState, Outbox
from acuse.operations import OperationsService
from acuse.operations.service import AuditDesk
from tests.operations.conftest import Place

BROKEN_JOB = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'notices:send', '{}')"
)


async def break_a_job(place: Place) -> None:
    """Leave a job behind whose event lacks its id, as another version would, and run it."""
    async with place.house.database.transaction() as tx:
        await tx.execute(BROKEN_JOB)
    await place.work()


class TestHealth:
    async def test_a_working_house_is_alive_and_ready(self, place: Place) -> None:
        assert (await place.visitor.get("/health/live")).json() == {"status": "ok"}
        ready = await place.visitor.get("/health/ready")
        assert (ready.status_code, ready.json()) == (200, {"status": "ok", "missing": []})

    async def test_without_storage_it_is_not_ready_and_says_what_is_missing(self, place: Place) -> None:
        inside = place.house.files.local_path("salud")
        assert inside is not None
        folder = inside.parent
        folder.rename(folder.with_name("gone"))
        folder.write_bytes(b"not a folder")
        ready = await place.visitor.get("/health/ready")
        assert (ready.status_code, ready.json()["missing"]) == (503, ["Archivos"])

    async def test_metrics_are_prometheus_text(self, place: Place) -> None:
        answer = await place.visitor.get("/health/metrics")
        assert answer.headers["content-type"].startswith("text/plain")
        assert "# TYPE python_info gauge" in answer.text

    async def test_metrics_count_the_jobs_of_every_process(self, place: Place) -> None:
        await break_a_job(place)
        assert 'acuse_jobs{state="failed"} 1.0' in (await place.visitor.get("/health/metrics")).text

    async def test_the_page_shows_every_check_to_an_administrator_only(self, place: Place) -> None:
        page = await place.alice.get("/app/salud")
        assert "Base de datos" in page.text
        assert "Correo" in page.text
        assert (await place.bob.get("/app/salud")).status_code == 403


class TestFailedJobs:
    async def test_the_page_opens_with_what_failed_and_why(self, place: Place) -> None:
        await break_a_job(place)
        page = await place.alice.get("/app/trabajos")
        assert "EVENT_STALE" in page.text
        assert "Enviar un correo" in page.text
        assert "Reintentar" in page.text

    async def test_every_state_can_be_looked_at(self, place: Place) -> None:
        for state in JobState:
            assert (await place.alice.get(f"/app/trabajos?estado={state.value}")).status_code == 200

    async def test_every_schedule_of_the_worker_stands_on_it(self, place: Place) -> None:
        page = (await place.alice.get("/app/trabajos")).text
        declared = [schedule for each in place.services.mounted.values() for schedule in each.schedules]
        assert [schedule.name for schedule in declared if schedule.caption not in page] == []

    async def test_a_retry_puts_it_back_and_is_audited(self, place: Place) -> None:
        await break_a_job(place)
        board = place.services[OperationsService].board
        [failed] = (await board.list(JobState.FAILED)).items
        answer = await place.alice.post(f"/app/trabajos/{failed.id}/reintentar")
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/trabajos")
        assert (await board.get(failed.id)).state is JobState.WAITING
        async with place.house.database.transaction() as tx:
            row = (await tx.execute(text("SELECT actor_nombre FROM auditoria WHERE accion = 'RETRY_JOB'"))).one()
        assert row.actor_nombre == "Alice"

    async def test_somebody_elses_jobs_are_out_of_reach(self, place: Place) -> None:
        assert (await place.bob.get("/app/trabajos")).status_code == 403
        assert (await place.bob.post("/app/trabajos/1/reintentar")).status_code == 403

    async def test_administrators_get_one_letter_an_hour(self, place: Place) -> None:
        outbox = place.services[Outbox]
        await place.work()
        before = {notice.id for notice in (await outbox.list()).items}
        await break_a_job(place)
        await break_a_job(place)
        letters = [notice for notice in (await outbox.list()).items if notice.id not in before]
        assert [(letter.recipient, letter.template) for letter in letters] == [
            ("alice@example.test", "trabajos_fallidos")
        ]
        assert "EVENT_STALE" in letters[0].text
        assert (await outbox.counts())[NoticeState.PENDING] >= 1


class TestTheBell:
    async def test_it_is_silent_when_all_is_quiet_for_an_administrator(self, place: Place) -> None:
        assert (await place.alice.get("/app/avisos/cuenta")).text.strip() == ""
        assert "Nada pendiente" in (await place.alice.get("/app/avisos")).text

    async def test_it_counts_and_lists_a_failed_job(self, place: Place) -> None:
        await break_a_job(place)
        assert ">1<" in (await place.alice.get("/app/avisos/cuenta")).text
        assert "Un trabajo falló." in (await place.alice.get("/app/avisos")).text

    async def test_another_role_does_not_hear_of_it(self, place: Place) -> None:
        await break_a_job(place)
        assert (await place.bob.get("/app/avisos/cuenta")).text.strip() == ""

    async def test_without_a_mail_server_every_page_says_so_to_the_administrator(self, place: Place) -> None:
        assert "SMTP_HOST" in (await place.alice.get("/app")).text
        assert "SMTP_HOST" not in (await place.bob.get("/app")).text


class TestAudit:
    async def test_verifying_answers_the_state_of_the_chain_and_leaves_word(self, place: Place) -> None:
        desk = place.services[AuditDesk]
        report = await desk.verify(actor=SYSTEM)
        assert report.is_intact
        again = await desk.verify(actor=SYSTEM)
        assert again.checked == report.checked + 1


class TestHome:
    async def test_a_new_taxpayer_is_told_how_to_begin(self, place: Place) -> None:
        assert "Sube tu e.firma" in (await place.bob.get("/app")).text

    async def test_a_visitor_is_sent_to_the_entrance(self, place: Place) -> None:
        answer = await place.visitor.get("/app")
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/login")
