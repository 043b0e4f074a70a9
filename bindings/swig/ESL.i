/* The classic ESL module for the languages that SWIG knows. It reads include/esl_oop.h as it is. */
%module ESL

%{
#include "esl.h"
#include "esl_oop.h"
%}

/* Every event that a method returns belongs to the script. */
%newobject ESLconnection::getInfo;
%newobject ESLconnection::sendRecv;
%newobject ESLconnection::api;
%newobject ESLconnection::bgapi;
%newobject ESLconnection::sendEvent;
%newobject ESLconnection::recvEvent;
%newobject ESLconnection::recvEventTimed;
%newobject ESLconnection::filter;
%newobject ESLconnection::execute;
%newobject ESLconnection::executeAsync;

/* Scripts copy by other means: this one cannot be told from the constructor that takes an event over. */
%ignore ESLevent::ESLevent(const ESLevent &);


/* SWIG looks into this header alone: what it needs of the others. */
typedef enum {
    ESL_PRIORITY_NORMAL = 0,
    ESL_PRIORITY_LOW = 1,
    ESL_PRIORITY_HIGH = 2
} esl_priority_t;

%include "esl_oop.h"
