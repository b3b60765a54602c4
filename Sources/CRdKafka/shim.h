#pragma once
#include <malloc.h>
#include <librdkafka/rdkafka.h>
