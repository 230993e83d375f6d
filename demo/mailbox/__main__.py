"""`python -m demo.mailbox`: SMTP on 127.0.0.1:8025, the page on http://localhost:8003."""

import click

from demo.mailbox.app import create_app
from demo.mailbox.memory import Mailbox
from demo.mailbox.smtp import smtp_server
from demo.web_server import serve


@click.command()
@click.option("--smtp-port", type=int, default=8025, show_default=True)
@click.option("--http-port", type=int, default=8003, show_default=True)
def main(smtp_port: int, http_port: int) -> None:
    """Receive mails and show them until stopped."""
    mailbox = Mailbox()
    smtp_server(mailbox, smtp_port).start()
    serve(create_app(mailbox), http_port)


if __name__ == "__main__":
    main()
