from hub.router.priors import priors_of


def test_priors_are_given_where_one_measurement_covers_all():
    found = priors_of(["openai/gpt-4o-mini", "grok/grok-2-1212"])

    assert found == {"openai/gpt-4o-mini": 0.632, "grok/grok-2-1212": 0.677}


def test_means_of_two_measurements_are_never_compared():
    assert priors_of(["openai/gpt-4o-mini", "openai/gpt-5.4-mini"]) is None


def test_a_model_that_nobody_measured_has_no_prior():
    assert priors_of(["ollama/my-own"]) is None
    assert priors_of([]) is None


def test_the_measurement_that_covers_all_is_found_in_any_table():
    found = priors_of(["or/meta-llama/llama-3.1-8b-instruct", "g/gemini-1.5-pro-002"])

    assert found == {"or/meta-llama/llama-3.1-8b-instruct": 0.45, "g/gemini-1.5-pro-002": 0.709}


def test_a_date_behind_a_model_is_looked_past():
    assert priors_of(["openai/gpt-4o-2024-08-06"]) == {"openai/gpt-4o-2024-08-06": 0.718}
