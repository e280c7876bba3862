/*
 * jack-probe OUT_PORT IN_PORT TRAIN EAR: plays TRAIN into one JACK port and records another into EAR, sample for sample
 * by JACK's own clock, until TRAIN is over. Both files are mono, signed 16 bit, 16 kHz, without a header; JACK runs at
 * 48 kHz. OUT_PORT is what our output is connected to (somebody's microphone), IN_PORT what our input is connected to
 * (somebody's loudspeaker).
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The part of libjack.so.0's interface that is used (jackaudio.org/api): its headers need not be installed. */
typedef struct _jack_client jack_client_t;
typedef struct _jack_port jack_port_t;
extern jack_client_t *jack_client_open(const char *name, int options, int *status, ...);
extern int jack_client_close(jack_client_t *client);
extern int jack_set_process_callback(jack_client_t *client, int (*callback)(uint32_t, void *), void *argument);
extern jack_port_t *jack_port_register(jack_client_t *, const char *name, const char *type, unsigned long flags, unsigned long size);
extern void *jack_port_get_buffer(jack_port_t *port, uint32_t frames);
extern const char *jack_port_name(const jack_port_t *port);
extern int jack_activate(jack_client_t *client);
extern int jack_connect(jack_client_t *client, const char *from, const char *to);
extern uint32_t jack_get_sample_rate(jack_client_t *client);
enum { NO_START_SERVER = 1, PORT_IS_INPUT = 1, PORT_IS_OUTPUT = 2 };

enum { TIMES = 3, MOST_SAMPLES = 16000 * 120 };
static int16_t train[MOST_SAMPLES + 1];
static int16_t ear[MOST_SAMPLES];
static uint32_t samples;
static uint32_t at; /* of 48 kHz */
static float heard;
static jack_port_t *to_microphone, *from_loudspeaker;
static atomic_int going, over;

static int process(uint32_t frames, void *unused) {
  float *out = jack_port_get_buffer(to_microphone, frames);
  const float *in = jack_port_get_buffer(from_loudspeaker, frames);
  (void)unused;
  for (uint32_t frame = 0; frame < frames; frame += 1) {
    out[frame] = 0;
    if (!atomic_load(&going) || at / TIMES >= samples) continue;
    uint32_t index = at / TIMES;
    float share = (float)(at % TIMES) / TIMES;
    out[frame] = (train[index] * (1 - share) + train[index + 1] * share) / 32768;
    heard += in[frame] / TIMES;
    if (at % TIMES == TIMES - 1) {
      float sample = heard * 32767;
      ear[index] = (int16_t)(sample > 32767 ? 32767 : sample < -32767 ? -32767 : sample);
      heard = 0;
    }
    at += 1;
  }
  if (atomic_load(&going) && at / TIMES >= samples) atomic_store(&over, 1);
  return 0;
}

static int fail(const char *what) {
  fprintf(stderr, "jack-probe: %s\n", what);
  return 1;
}

int main(int count, char **words) {
  if (count != 5) return fail("usage: jack-probe OUT_PORT IN_PORT TRAIN EAR");
  FILE *file = fopen(words[3], "rb");
  if (file == NULL) return fail("the train cannot be read");
  samples = (uint32_t)fread(train, sizeof *train, MOST_SAMPLES, file);
  fclose(file);
  int status = 0;
  jack_client_t *client = jack_client_open("probe", NO_START_SERVER, &status);
  if (client == NULL) return fail("there is no JACK server");
  if (jack_get_sample_rate(client) != 48000) return fail("JACK does not run at 48 kHz");
  const char *type = "32 bit float mono audio";
  to_microphone = jack_port_register(client, "out", type, PORT_IS_OUTPUT, 0);
  from_loudspeaker = jack_port_register(client, "in", type, PORT_IS_INPUT, 0);
  if (to_microphone == NULL || from_loudspeaker == NULL) return fail("JACK gives no ports");
  jack_set_process_callback(client, process, NULL);
  if (jack_activate(client) != 0) return fail("JACK does not run us");
  if (jack_connect(client, jack_port_name(to_microphone), words[1]) != 0) return fail("no such microphone");
  if (jack_connect(client, words[2], jack_port_name(from_loudspeaker)) != 0) return fail("no such loudspeaker");
  atomic_store(&going, 1);
  while (!atomic_load(&over)) usleep(10000);
  jack_client_close(client);
  file = fopen(words[4], "wb");
  if (file == NULL || fwrite(ear, sizeof *ear, samples, file) != samples) return fail("what was heard cannot be written");
  return fclose(file) == 0 ? 0 : fail("what was heard cannot be written");
}
