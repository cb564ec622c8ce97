#include "../program/native.cc"
