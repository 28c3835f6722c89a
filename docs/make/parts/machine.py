"""The machine that a result came from, in one line."""


def line(context):
    cores = context.get("cores")
    facts = [context.get("cpu"), f"{cores} core{'' if cores == 1 else 's'}" if cores else None,
             f"Linux {context['kernel']}" if context.get("kernel") else None,
             context.get("congestion_control"), str(context.get("date", ""))[:10]]
    return ", ".join(str(fact) for fact in facts if fact)
