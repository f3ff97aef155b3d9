# The image of Beam workers (--sdk_container_image) and, started with a verb, the `corpusforge` command:
#   docker build --tag corpusforge .
#   docker run --rm --volume "$PWD:/data" corpusforge build /data/corpus.toml
ARG BEAM_VERSION=2.77.0
FROM apache/beam_python3.11_sdk:${BEAM_VERSION} AS base
WORKDIR /tmp/setup
COPY requirements/lock.txt ./
RUN pip install --no-cache-dir --require-hashes --requirement lock.txt

FROM base AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY corpusforge corpusforge
COPY pipelines corpusforge_pipelines
COPY classifiers corpusforge_classifiers
RUN pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheels .

FROM base
# The wheel holds the models: a worker downloads nothing. Importing every step proves at build time
# that the lock and Beam's own pins agree.
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-deps /wheels/*.whl \
    && python -c "import apache_beam, corpusforge.steps, corpusforge_pipelines" \
    && corpusforge --help > /dev/null
# What numba compiles is laid down here, so that a worker on such a processor compiles nothing.
ENV NUMBA_CACHE_DIR=/opt/numba
RUN --mount=type=bind,source=docker/warm.py,target=/tmp/setup/warm.py \
    python warm.py /tmp/warm && rm -rf /tmp/warm && chmod -R a+rwX /opt/numba
COPY --chmod=0755 docker/entrypoint /usr/local/bin/corpusforge-entrypoint
# Beam would otherwise start each worker in a new environment under /opt, which needs root and time.
ENV RUN_PYTHON_SDK_IN_DEFAULT_ENVIRONMENT=1 \
    PYTHONUNBUFFERED=1
WORKDIR /data
ENTRYPOINT ["/usr/local/bin/corpusforge-entrypoint"]
