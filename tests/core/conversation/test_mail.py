from __future__ import annotations

from collections.abc import Callable

import pytest

from allclear.core.conversation.mail import own
from allclear.core.conversation.parse import LONGEST_BODY, find
from allclear.core.conversation.slash import Shape
from cpu_seconds import cpu_seconds

INTRODUCTIONS = [
    "On Sun, Oct 19, 2025 at 2:02 PM bob ***@***.***> wrote:",
    "On Sun, Oct 19, 2025 at 2:02 PM bob\n<notifications@github.com> wrote:",
    "On Oct 19, 2025, at 2:02 PM, Bob the Builder\n<notifications@github.com>\nwrote:",
    "Am So., 19. Okt. 2025 um 14:02 Uhr schrieb Bob <\nnotifications@github.com>:",
    "Bob <n@g.com> schrieb am So., 19. Okt. 2025, 14:02:",
    "Am 19.10.2025 um 14:02 schrieb Bob:",
    "Le dim. 19 oct. 2025 à 14:02, Bob <n@g.com> a écrit :",
    "Le 19/10/2025 à 14:02, Bob a écrit :",
    "Il giorno dom 19 ott 2025 alle ore 14:02 Bob <n@g.com> ha scritto:",
    "Il 19/10/25 14:02, Bob ha scritto:",
    "El dom, 19 oct 2025 a las 14:02, Bob (<n@g.com>) escribió:",
    "Em dom., 19 de out. de 2025 às 14:02, Bob <n@g.com> escreveu:",
    "Bob <n@g.com> escreveu (domingo, 19/10/2025 à(s) 14:02):",
    "Op zo 19 okt 2025 om 14:02 schreef Bob <n@g.com>:",
    "niedz., 19 paź 2025 o 14:02 Bob <n@g.com> napisał(a):",
    "W dniu 19.10.2025 o 14:02, Bob pisze:",
    "Wiadomość napisana przez Bob <n@g.com> w dniu 19 paź 2025, o godz. 14:02:",
    "2025年10月19日(日) 14:02 Bob <n@g.com>:",
    "2025/10/19 14:02、Bob <n@g.com>のメール:",
    "Bob <n@g.com> 于2025年10月19日周日 14:02写道：",
    "在 2025年10月19日，14:02，Bob <n@g.com> 写道：",
    "Den sön 19 okt. 2025 kl 14:02 skrev Bob <n@g.com>:",
    "Den søn. 19. okt. 2025 kl. 14.02 skrev Bob <n@g.com>:",
    "søn. 19. okt. 2025 kl. 14:02 skrev Bob <n@g.com>:",
    "вс, 19 окт. 2025 г. в 14:02, Bob <n@g.com>:",
    "19.10.2025 14:02, Bob пишет:",
    "2025년 10월 19일 (일) 오후 2:02, Bob <n@g.com>님이 작성:",
    "su 19. lokak. 2025 klo 14.02 Bob (n@g.com) kirjoitti:",
    "Op 19 okt. 2025 om 14:02 heeft Bob <n@g.com> het volgende geschreven:",
    "In data domenica 19 ottobre 2025 14:02:11, Bob ha scritto:",
    "Bob <n@g.com> ezt írta (időpont: 2025. okt. 19., V, 14:02):",
    "Bob <n@g.com>, 19 Eki 2025 Paz, 14:02 tarihinde şunu yazdı:",
    "Στις Κυρ 19 Οκτ 2025 στις 2:02 μ.μ., ο χρήστης Bob <n@g.com> έγραψε:",
    "Pada tanggal Min, 19 Okt 2025 pukul 14.02 Bob <n@g.com> menulis:",
    "Vào CN, 19 thg 10, 2025 vào lúc 14:02 Bob <n@g.com> đã viết:",
]
BROKEN = [
    "Vào CN, 19 thg 10, 2025 vào lúc 14:02\nBob <n@g.com> đã viết:",
    "Στις Κυρ 19 Οκτ 2025 στις 2:02 μ.μ.,\nο χρήστης Bob <n@g.com>\nέγραψε:",
    "Bob wrote:",
    "@bob wrote:",
    "Bob Smith schrieb:",
    "Bob a écrit :",
]
HEADERS = [
    "From: Bob <n@g.com>",
    "From: Bob\nSent: Sunday\nTo: acme/shop",
    "*From:* Bob\n*Sent:* Sunday, October 19, 2025 2:02 PM",
    "**From:** Bob\n**Sent:** Sunday",
    "From: Bob\nTo: acme/shop\nSubject: Checkout",
    "From: Bob [mailto:n@g.com]",
    "Von: Bob\nGesendet: Sonntag",
    "De : Bob\nEnvoyé : dimanche",
    "De: Bob\nEnviado el: domingo",
    "Da: Bob\nInviato: domenica",
    "Van: Bob\nVerzonden: zondag",
    "Od: Bob\nWysłano: niedziela",
    "Från: Bob\nSkickat: söndag",
    "Fra: Bob\nSendt: søndag",
    "От: Bob\nОтправлено: воскресенье",
    "差出人: Bob\n送信日時: 2025年10月19日",
    "发件人: Bob\n发送时间: 2025年10月19日",
    "보낸 사람: Bob\n보낸 날짜: 2025년 10월 19일",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message d\u2019origine --------",
    "-----Mensaje original-----",
    "-----Messaggio originale-----",
    "-----Mensagem original-----",
    "-----Oorspronkelijk bericht-----",
    "-----Oryginalna wiadomość-----",
    "-----元のメッセージ-----",
    "________________________________",
    "Begin forwarded message:",
]
SIGNATURES = [
    "-- \nBob Smith\n+1 555 0100",
    "--\nBob Smith\n+1 555 0100",
    "\u2014\nBob Smith",
    "\u2014\nReply to this email directly, view it on GitHub, or unsubscribe.\nYou are receiving this.",
    "Reply to this email directly or view it on GitHub:\nhttps://github.com/acme/shop/issues/1",
    "Sent from my iPhone",
    "Get Outlook for iOS",
    "Von meinem iPhone gesendet",
    "Gesendet von Outlook für iOS",
    "Envoyé de mon iPhone",
    "Inviato da iPhone",
    "Enviado desde mi iPhone",
    "Enviado do meu iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Wysłane z iPhone'a",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Отправлено с iPhone",
    "iPhoneから送信",
    "发自我的iPhone",
    "나의 iPhone에서 보냄",
    "Best regards,\nBob",
    "Thanks,\n\nBob Smith\nAcme Corp",
    "Mit freundlichen Grüßen\nBob",
    "Viele Grüße\nBob",
    "Cordialement,\nBob",
    "Saludos,\nBob",
    "Cordiali saluti\nBob",
    "Met vriendelijke groet,\nBob",
    "Pozdrawiam,\nBob",
]
TEXTS = [
    "From: 13:05 to 13:20 the API was down",
    "From: the dashboards\nTo: the database",
    "We mailed\nBob <n@g.com> and at 14:02\n/note he said:",
    "/note Bob <n@g.com> said at 14:02:\nall is well",
    "Bob <n@g.com> says:\nall is well",
    "The customer wrote:\n\nnothing works",
    "What all of the people wrote:\n\nnothing works",
    "Bob wrote:\nnothing works",
    "Von 13:05 bis 13:20: keine Bestellung",
    "De: momento nada",
    "On Sunday bob wrote: the pool is full",
    "At 14:02 the customer wrote:\nnothing works",
    "This is what we know at 14:02:\nnothing",
    "Sent from my desk to yours, with love and a hint at what the database did at 14:02",
    "Best regards,\nfrom the people who read all of the logs of last night and who found what the reason is",
    "Thanks for that\n\nI look at it",
    "\u2014 that is all",
    "text\n--\nmore" + "\nand more" * 8,
    "text\n--\n" + "a long line " * 6,
    "text\n\u2014\nmore",
    "/note restarted\n--\n/sev P1",
    "the mail was\nsent from my desk",
    "the mail was\nsent from my phone\nand nobody saw it",
    "```\nFrom: Bob <n@g.com>\nSubject: x\n-- \n```\nwas in the queue",
    "~~~\nOn Sun, Oct 19, 2025 at 2:02 PM bob <n@g.com> wrote:\n~~~~\nwas in the queue",
    "--\n/ack",
    "Thanks,\n/ack",
    "We got a mail from Bob <bob@example.com> at 14:02:\n\nnothing works\n\n/ack",
    "We got a mail from Bob <bob@example.com> on 2025-10-19 at 14:02:\n\n/ack",
    "At 14:02 we got a mail from Bob <bob@example.com>:\n\n/ack",
    "On 2025-10-19 at 14:02 we got a mail from Bob <bob@example.com>:\n\n/ack",
    "At 14:02 Bob <bob@example.com> wrote:\n\nnothing works\n/ack",
    "On Sunday at 14:02 bob wrote:\nnothing works\n\n/ack",
    "Customers who wrote to <help@example.com> since 14:02:\n- acme\n/ack",
]


@pytest.mark.parametrize("mail", [*INTRODUCTIONS, *BROKEN, *HEADERS])
def test_the_history_of_a_mail_is_nobodys_word(mail: str) -> None:
    assert own(f"/ack\n\n{mail}\n\n/sev P3".split("\n")) == ["/ack"]


def test_a_command_right_below_the_name_of_its_writer_is_the_writers() -> None:
    assert own(["I see.", "", "Bob wrote:", "/sev P3"]) == ["I see."]


@pytest.mark.parametrize("mail", [*INTRODUCTIONS, *BROKEN[2:]])
def test_below_a_mail_that_is_quoted_people_go_on(mail: str) -> None:
    text = f"I see.\n\n{mail}\n\n> the pool\n>\n> is full\n\n/ack"
    assert own(text.split("\n")) == ["I see.", "", "", "/ack"]


@pytest.mark.parametrize("mail", INTRODUCTIONS[:1])
def test_a_quotation_with_its_introduction_in_it_goes_as_one(mail: str) -> None:
    assert own(f"/ack\n\n> {mail}\n> /sev P3\n".split("\n")) == ["/ack"]


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_nobodys_word(signature: str) -> None:
    assert own(f"/note restarted\n\n{signature}".split("\n")) == ["/note restarted"]


@pytest.mark.parametrize(
    "signature",
    ["--\nBob\n+1 555", "--", "Sent from my iPhone", "Von meinem iPhone gesendet", "Get Outlook for iOS\n\n"],
)
def test_a_signature_needs_no_empty_line_above_it(signature: str) -> None:
    assert own(f"/note restarted\n{signature}".split("\n")) == ["/note restarted"]


def test_the_mark_of_a_phone_goes_without_what_stands_below_it() -> None:
    assert own(["/ack", "", "Sent from my iPhone", "", "/sev P1"]) == ["/ack", "", "", "/sev P1"]


@pytest.mark.parametrize("text", TEXTS)
def test_what_only_looks_like_a_mail_is_text(text: str) -> None:
    assert own(text.split("\n")) == text.split("\n")


@pytest.mark.parametrize(
    "text",
    ["We got a mail from Bob <bob@example.com> at 14:02:", "At 14:02 Bob <bob@example.com> wrote:"],
)
def test_what_is_quoted_below_a_sentence_is_left_out_and_people_go_on(text: str) -> None:
    assert own(["I see.", text, "> /sev P3", "", "/ack"]) == ["I see.", "", "/ack"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/note seen\n\n-- \nBob\n/sev P1 now", [("sev", "P1 now")]),
        ("-- \n/ack", [("ack", "")]),
        ("/note seen\n\nBob wrote:\n\nthe pool\n/sev P1\n- /ack", [("sev", "P1")]),
        ("/note seen\n\n-- \nBob\n/home/bob\n/checkout", []),
        ("/note seen\n\nOn Sun, Oct 19, 2025 at 2:02 PM bob <bob@example.com> wrote:\n\n/sev P1", []),
    ],
)
def test_a_command_below_a_mark_of_mails_is_told_and_not_taken(
    text: str, told: list[tuple[str, str]]
) -> None:
    found = find(text, lambda word: Shape() if word in ("ack", "sev", "note") else None)
    assert [(one.word, one.line) for one in found if one.how == "mail"] == told
    assert all(one.told for one in found if one.how == "mail")
    assert len(found) == len(told) + text.startswith("/note")


def test_an_empty_comment_has_one_empty_line() -> None:
    assert own([""]) == [""]
    assert own(["", ""]) == [""]


@pytest.mark.parametrize(
    "hostile",
    [
        lambda: "On 2025 wrote\n" * 5000,
        lambda: "On " + "a" * 60000,
        lambda: "From: " + "@" * 60000,
        lambda: "From: a\n" * 8000,
        lambda: ("Best,\n\n") * 8000,
        lambda: "-- " * 20000,
        lambda: "-" * 60000,
        lambda: "On 2025 wrote:\n>\n" * 3500,
        lambda: "\n" * 60000 + "Best,",
        lambda: "Best,\n\n" + "\n" * 60000,
        lambda: "```\n" * 15000,
        lambda: "*" * 60000,
        lambda: "<" * 30000 + "@x>:" * 7000,
    ],
)
def test_any_comment_is_read_in_no_time(hostile: Callable[[], str]) -> None:
    text = hostile()[:LONGEST_BODY]
    assert cpu_seconds(lambda: own(text.split("\n"))) < 2
    assert find(text) == ()
