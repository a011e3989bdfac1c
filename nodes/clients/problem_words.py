"""What goes wrong, in words, by the end of the problem's type: all that nodes state, English first, then Portuguese.

Problems are sentences of their own here and in the web client: a line of a terminal is short. ``{detail}`` is the node's
English, where only that says which field, and why; other ``{names}`` are what the problem tells.
"""

UNREACHABLE = ("no server answers", "nenhum servidor responde")
"""The client's own: nobody said anything."""

PROBLEM_WORDS: dict[str, tuple[str, str]] = {
    # the point
    "unknown-point": ("there is no such point", "esse ponto não existe"),
    "point-exists": ("there is a point of that id already", "já existe um ponto com esse código"),
    "point-invalid": (
        "the point cannot be described like that ({detail})",
        "o ponto não pode ser descrito assim ({detail})",
    ),
    "point-unavailable": ("the point is out of service", "o ponto está fora de serviço"),
    "point-occupied": ("the point is in use", "o ponto está em uso"),
    "point-busy": ("too many want this point right now", "muita gente quer este ponto agora"),
    "precondition-failed": ("the point has changed since", "o ponto mudou desde então"),
    "precondition-invalid": ("that is no version of a point", "isso não é uma versão de um ponto"),
    "no-point-fits": ("no point near there could be had", "nenhum ponto por perto pôde ser reservado"),
    # the window
    "window-taken": ("that time is taken ({taken})", "esse horário está ocupado ({taken})"),
    "window-in-past": ("that time has passed", "esse horário já passou"),
    "window-too-short": ("too short: at least {span}", "curto demais: no mínimo {span}"),
    "window-too-long": ("too long: at most {span}", "longo demais: no máximo {span}"),
    "window-beyond-horizon": ("too far ahead: starts until {when}", "longe demais: início até {when}"),
    "window-invalid": ("it ends before it starts", "termina antes de começar"),
    # the reservation
    "unknown-reservation": ("there is no such reservation", "essa reserva não existe"),
    "reservation-over": ("the reservation is over", "a reserva já acabou"),
    "reservation-pending": ("the trip is not decided yet", "a viagem ainda não foi decidida"),
    "too-late-to-cancel": (
        "too late to cancel: it was possible until {when}",
        "tarde demais para cancelar: era possível até {when}",
    ),
    "too-early-to-start": ("too early: from {when} on", "cedo demais: a partir de {when}"),
    # the charge
    "unknown-session": ("there is no such charge", "essa recarga não existe"),
    "session-over": ("the charge has ended", "a recarga já terminou"),
    "meter-went-back": ("the meter read more before", "o medidor já marcou mais do que isso"),
    "energy-implausible": ("that is more energy than can have flowed", "é mais energia do que pode ter passado"),
    # the trip
    "unknown-trip": ("there is no such trip", "essa viagem não existe"),
    "trip-pending": ("the trip is not decided yet", "a viagem ainda não foi decidida"),
    "trip-aborted": ("the trip was given up", "a viagem foi abandonada"),
    "trip-over": ("nothing of the trip can be given back any more", "nada da viagem pode mais ser devolvido"),
    "stops-overlap": ("the stops are not one after the other", "as paradas não vêm uma depois da outra"),
    "coordinator-missing": (
        "the trip names neither a point nor a server to decide it",
        "a viagem não indica nem um ponto nem um servidor que a decida",
    ),
    # the node
    "unknown-node": ("there is no such server in sight", "não há tal servidor à vista"),
    "node-alive": ("the server is there, or may be", "o servidor está lá, ou pode estar"),
    "node-busy": ("the server is overloaded", "o servidor está sobrecarregado"),
    "draining": ("the server is stopping", "o servidor está parando"),
    "superseded": ("the server has moved and serves elsewhere", "o servidor mudou e atende em outro lugar"),
    "forked": (
        "the server runs on an old copy of its history and decides nothing",
        "o servidor está com uma cópia antiga da sua história e nada decide",
    ),
    "store-failed": (
        "the server's database failed: it may have been done or not",
        "o banco de dados do servidor falhou: pode ter sido feito ou não",
    ),
    "internal-error": (
        "the server made a mistake: it may have been done or not",
        "o servidor errou: pode ter sido feito ou não",
    ),
    # the other node
    "owner-unreachable": ("the point's server cannot be reached", "o servidor do ponto não responde"),
    "owner-timeout": ("the point's server does not answer in time", "o servidor do ponto não respondeu a tempo"),
    "misdirected": (
        "the server that was asked does not own this point",
        "o servidor perguntado não é o dono deste ponto",
    ),
    "stale-epoch": ("the server that asked was started anew since", "o servidor que pediu foi reiniciado desde então"),
    "untrusted-node": (
        "the server that passed this on is not trusted by the one that it asked",
        "o servidor que passou isto adiante não tem a confiança do que foi perguntado",
    ),
    "journal-trimmed": (
        "the server's records do not go back that far any more",
        "os registros do servidor já não vão tão longe no passado",
    ),
    # who asks
    "unauthenticated": ("not signed in, or no longer", "não entrou, ou a sessão acabou"),
    "forbidden": ("that is not allowed to you", "isso não é permitido a você"),
    "too-many-requests": ("that is asked too often: wait a moment", "são pedidos demais: espere um momento"),
    # the request
    "deadline-passed": (
        "the time for it was over before it was begun; nothing was done",
        "o tempo acabou antes do início; nada foi feito",
    ),
    "deadline-exceeded": (
        "the time for it was over: it may have been done or not",
        "o tempo acabou: pode ter sido feito ou não",
    ),
    "invalid-request": (
        "the server does not take it like that ({detail})",
        "o servidor não aceita isso assim ({detail})",
    ),
    "idempotency-key-missing": ("the request came without its key", "o pedido chegou sem a sua chave"),
    "idempotency-key-invalid": ("that is no key for a request", "isso não é uma chave de pedido"),
    "idempotency-key-reused": ("that key was used for another request", "essa chave já foi usada em outro pedido"),
    "body-too-large": ("that is too much text for the server", "é texto demais para o servidor"),
    "not-found": ("there is nothing there", "não há nada ali"),
    "method-not-allowed": ("the server does not do that there", "o servidor não faz isso ali"),
    "bad-request": ("the server does not understand the request", "o servidor não entende o pedido"),
}
