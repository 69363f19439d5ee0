# One image for web, worker, beat and every command: see compose.yaml.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libmariadb-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
COPY requirements-production.txt /tmp/
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
    -r /tmp/requirements-production.txt

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends libmariadb3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/tonglu tonglu \
    && install -d -o tonglu -g tonglu /srv/tonglu /srv/tonglu/var
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VAR_DIR=/srv/tonglu/var \
    DEBUG=0
WORKDIR /srv/tonglu
COPY --from=build /opt/venv /opt/venv
# By name: no file that merely lies in the folder (.env, var/) gets into the image.
COPY LICENSE manage.py ./
COPY config config
COPY accounts accounts
COPY quotas quotas
COPY logistics logistics
COPY delivery delivery
COPY fixtures fixtures
USER tonglu
# The keys are for this one command and are not kept.
RUN SECRET_KEY=build FERNET_KEYS=build ALLOWED_HOSTS=build \
    python manage.py collectstatic --noinput
EXPOSE 8000
# By a name the site answers to: any other is refused.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["python", "-c", "import http.client, os; to = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 8000), timeout=4); to.request('GET', '/healthz'); raise SystemExit(to.getresponse().status != 200)"]
CMD ["sh", "-c", "exec granian --interface wsgi --no-ws --host 0.0.0.0 --port ${PORT:-8000} --workers ${WEB_WORKERS:-2} --blocking-threads 4 config.wsgi:application"]
