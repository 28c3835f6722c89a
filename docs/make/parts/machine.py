"""The machine that a result came from, in one line."""


def line(context):
    cores = context.get("cores")
    facts = [context.get("cpu"), f"{cores} core{'' if cores == 1 else 's'}" if cores else None,
             f"Linux {context['kernel']}" if context.get("kernel") else None,
             f"congestion control {context['congestion_control']}" if context.get("congestion_control") else None, str(context.get("date", ""))[:10]]
    return ", ".join(str(fact) for fact in facts if fact)


def runs(results):
    """[(facts of a run, how many of the rows it measured)]; None where the rows do not say."""
    known, rows = results.get("runs"), results["benchmarks"]
    numbers = [row.get("run") for row in rows]
    if not isinstance(known, list) or not all(isinstance(number, int) and 0 <= number < len(known) for number in numbers):
        return None
    return [(known[number], numbers.count(number)) for number in sorted(set(numbers))]


def commit(facts):
    """Its commit and date, in words."""
    name = str(facts.get("commit", "unknown"))
    clean = name.removesuffix("-dirty")
    changed = ", with changes not yet committed" if clean != name else ""
    return f"commit {clean} of {str(facts.get('date', 'a day unknown'))[:10]}{changed}"


def provenance(results):
    """Where its rows come from, in a sentence."""
    found = runs(results)
    if found is None:
        return (f"Last measured at {commit(results['context'])}. "
                "These rows are older than the rule that each names its run: some may come from an earlier one.")
    if len(found) < 2:
        return f"Measured in one run, at {commit(found[0][0] if found else results['context'])}."
    parts = "; ".join(f"{count} rows at {commit(facts)}, {facts.get('cpu', 'processor unknown')}" for facts, count in found)
    return f"Measured in {len(found)} runs, which are not to be compared as one: {parts}."
