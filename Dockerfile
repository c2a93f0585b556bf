# The portal as an image: one for web, worker and beat. Servers, secrets and names come from the environment.
FROM python:3.11-slim-bookworm

RUN useradd --system --create-home liren
WORKDIR /app
COPY requirements requirements
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/uv.txt \
    && uv pip install --system --no-cache --require-hashes -r requirements/runtime.txt
COPY . .
RUN python scripts/build_assets.py && python scripts/messages.py compile \
    && SECRET_KEY=build FIELD_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ALLOWED_HOSTS=build \
       DATABASE_URL=postgresql:///build REDIS_URL=redis://build \
       DJANGO_SETTINGS_MODULE=governance.settings.production python manage.py collectstatic --no-input -v 0 \
    && mkdir -p var/files var/mail var/run && chown -R liren var

USER liren
ENV DJANGO_SETTINGS_MODULE=governance.settings.production PYTHONUNBUFFERED=1
EXPOSE 8000
CMD ["gunicorn", "governance.wsgi:application", "--preload", "--workers", "2", "--worker-class", "gthread", \
     "--threads", "4", "--bind", "0.0.0.0:8000", "--no-control-socket", "--graceful-timeout", "10"]
